// Spring Boot 3 (Spring Security 6.2 or later). build.gradle:
//   implementation 'org.springframework.boot:spring-boot-starter-web'
//   implementation 'org.springframework.boot:spring-boot-starter-oauth2-client'
//
// BASE_URL: this application as browsers reach it. Register at Hygie: redirect BASE_URL/login/oauth2/code/hygie,
// after logout BASE_URL/, logout calls BASE_URL/logout/connect/back-channel/hygie.
// A logout call makes the application call itself at BASE_URL: its JVM trusts that certificate beside Hygie's
// (-Djavax.net.ssl.trustStore).
package fr.exemple.dpi;

import java.util.function.Consumer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.authorization.AuthorizationDecision;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.oauth2.client.oidc.web.logout.OidcClientInitiatedLogoutSuccessHandler;
import org.springframework.security.oauth2.client.registration.ClientRegistrationRepository;
import org.springframework.security.oauth2.client.web.DefaultOAuth2AuthorizationRequestResolver;
import org.springframework.security.oauth2.client.web.OAuth2AuthorizationRequestCustomizers;
import org.springframework.security.oauth2.core.endpoint.OAuth2AuthorizationRequest;
import org.springframework.security.oauth2.core.oidc.user.OidcUser;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.csrf.CsrfException;
import org.springframework.security.web.savedrequest.HttpSessionRequestCache;
import org.springframework.security.web.session.HttpSessionEventPublisher;
import org.springframework.web.context.request.RequestContextHolder;
import org.springframework.web.context.request.ServletRequestAttributes;

@Configuration
public class SecurityConfiguration {
    @Bean
    SecurityFilterChain security(HttpSecurity http, ClientRegistrationRepository clients) throws Exception {
        // `state` and `nonce` are Spring's own; PKCE is asked for here, for a client with a secret too.
        var requests = new DefaultOAuth2AuthorizationRequestResolver(clients, "/oauth2/authorization");
        requests.setAuthorizationRequestCustomizer(
            OAuth2AuthorizationRequestCustomizers.withPkce().andThen(stronger()));
        // Leaving the application (POST /logout) leaves the session at Hygie: id_token_hint is sent.
        var leaving = new OidcClientInitiatedLogoutSuccessHandler(clients);
        leaving.setPostLogoutRedirectUri("{baseUrl}/");
        var wanted = new HttpSessionRequestCache();
        return http
            .authorizeHttpRequests(paths -> paths
                // What needs a stronger login: held to the claim, whatever was asked.
                .requestMatchers("/prescription/**")
                .access((who, at) -> new AuthorizationDecision(reached(who.get(), "eidas2")))
                .anyRequest().authenticated())
            // Who is logged in too weakly for it logs in more strongly, and comes back to the page.
            .exceptionHandling(refusals -> refusals.accessDeniedHandler((request, response, why) -> {
                var who = SecurityContextHolder.getContext().getAuthentication();
                if (why instanceof CsrfException || reached(who, "eidas2")) {
                    response.sendError(403);
                } else {
                    wanted.saveRequest(request, response);
                    response.sendRedirect(request.getContextPath() + "/oauth2/authorization/hygie?acr=eidas2");
                }
            }))
            .oauth2Login(login -> login.authorizationEndpoint(at -> at.authorizationRequestResolver(requests)))
            .logout(logout -> logout.logoutSuccessHandler(leaving))
            // Sessions that end elsewhere end here too.
            .oidcLogout(logout -> logout.backChannel(Customizer.withDefaults()))
            .build();
    }

    /** A stronger login: /oauth2/authorization/hygie?acr=eidas2. */
    private static Consumer<OAuth2AuthorizationRequest.Builder> stronger() {
        return asked -> {
            var attributes = (ServletRequestAttributes) RequestContextHolder.currentRequestAttributes();
            var acr = attributes.getRequest().getParameter("acr");
            if (acr != null) asked.additionalParameters(more -> more.put("acr_values", acr));
        };
    }

    /** eidas1, eidas2, eidas3. */
    private static boolean reached(Authentication who, String level) {
        if (who == null || !(who.getPrincipal() instanceof OidcUser person)) return false;
        var acr = person.getIdToken().getClaimAsString("acr");
        return acr != null && acr.compareTo(level) >= 0;
    }

    /** What is kept of a session for its logout calls goes when the session ends. */
    @Bean
    HttpSessionEventPublisher sessionEvents() {
        return new HttpSessionEventPublisher();
    }
}
