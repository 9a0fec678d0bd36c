package fr.exemple.dpi;

import java.time.Duration;
import java.util.Map;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.security.oauth2.client.OAuth2AuthorizeRequest;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClientProviderBuilder;
import org.springframework.security.oauth2.client.registration.ClientRegistrationRepository;
import org.springframework.security.oauth2.client.web.DefaultOAuth2AuthorizedClientManager;
import org.springframework.security.oauth2.client.web.OAuth2AuthorizedClientRepository;
import org.springframework.security.oauth2.core.oidc.user.OidcUser;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** Shows what it was told of the person; whom it lets in is the snippet's to say. */
@SpringBootApplication
@RestController
public class Application {
    private final DefaultOAuth2AuthorizedClientManager tokens;

    Application(ClientRegistrationRepository clients, OAuth2AuthorizedClientRepository kept) {
        tokens = new DefaultOAuth2AuthorizedClientManager(clients, kept);
        // Every token counts as about to end, so that each call refreshes it.
        tokens.setAuthorizedClientProvider(OAuth2AuthorizedClientProviderBuilder.builder()
            .refreshToken(refresh -> refresh.clockSkew(Duration.ofDays(1))).build());
    }

    public static void main(String[] words) {
        SpringApplication.run(Application.class, words);
    }

    @GetMapping({"/", "/prescription/"})
    Map<String, Object> shown(@AuthenticationPrincipal OidcUser person) {
        return Map.of("claims", person.getIdToken().getClaims(), "userinfo", person.getUserInfo().getClaims());
    }

    @GetMapping("/refresh")
    Map<String, Object> refresh(Authentication person) {
        var asked = OAuth2AuthorizeRequest.withClientRegistrationId("hygie").principal(person).build();
        return Map.of("token", tokens.authorize(asked).getAccessToken().getTokenValue());
    }
}
