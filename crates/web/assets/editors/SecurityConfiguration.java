// build.gradle: implementation 'org.springframework.boot:spring-boot-starter-oauth2-client' (Spring Boot 3, Spring Security 6.2 or later)
//
// application.yml, with what Hygie gave:
//   spring.security.oauth2.client:
//     provider.hygie.issuer-uri: ${ISSUER}
//     registration.hygie:
//       client-id: ${CLIENT_ID}
//       client-secret: ${CLIENT_SECRET}
//       scope: openid, profile
//   server.forward-headers-strategy: framework
//
// Register at Hygie: redirect ${BASE_URL}/login/oauth2/code/hygie, after logout ${BASE_URL}/,
// logout calls ${BASE_URL}/logout/connect/back-channel/hygie.
package fr.exemple.dpi;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.oauth2.client.oidc.web.logout.OidcClientInitiatedLogoutSuccessHandler;
import org.springframework.security.oauth2.client.registration.ClientRegistrationRepository;
import org.springframework.security.oauth2.client.web.DefaultOAuth2AuthorizationRequestResolver;
import org.springframework.security.oauth2.client.web.OAuth2AuthorizationRequestCustomizers;
import org.springframework.security.web.SecurityFilterChain;

@Configuration
public class SecurityConfiguration {
    @Bean
    SecurityFilterChain security(HttpSecurity http, ClientRegistrationRepository clients) throws Exception {
        // `state` and `nonce` are Spring's own; PKCE is asked for here, for a client with a secret too.
        var requests = new DefaultOAuth2AuthorizationRequestResolver(clients, "/oauth2/authorization");
        requests.setAuthorizationRequestCustomizer(OAuth2AuthorizationRequestCustomizers.withPkce());
        // Leaving the application leaves the session at Hygie (id_token_hint is sent).
        var leaving = new OidcClientInitiatedLogoutSuccessHandler(clients);
        leaving.setPostLogoutRedirectUri("{baseUrl}/");
        return http
            .authorizeHttpRequests(paths -> paths.anyRequest().authenticated())
            .oauth2Login(login -> login.authorizationEndpoint(at -> at.authorizationRequestResolver(requests)))
            .logout(logout -> logout.logoutSuccessHandler(leaving))
            // Sessions that end elsewhere end here too.
            .oidcLogout(logout -> logout.backChannel(Customizer.withDefaults()))
            .build();
    }
}
