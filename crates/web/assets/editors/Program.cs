// dotnet add package Microsoft.AspNetCore.Authentication.OpenIdConnect
// Hygie:Issuer, Hygie:ClientId, Hygie:ClientSecret: what Hygie gave (user secrets or environment).
// Register at Hygie: redirect <base>/signin-oidc, after logout <base>/signout-callback-oidc.
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;

var builder = WebApplication.CreateBuilder(args);
var hygie = builder.Configuration.GetSection("Hygie");

builder.Services.AddAuthentication(options =>
{
    options.DefaultScheme = CookieAuthenticationDefaults.AuthenticationScheme;
    options.DefaultChallengeScheme = OpenIdConnectDefaults.AuthenticationScheme;
})
.AddCookie(options =>
{
    options.Cookie.SecurePolicy = CookieSecurePolicy.Always;
    options.ExpireTimeSpan = TimeSpan.FromMinutes(30);
})
.AddOpenIdConnect(options =>
{
    options.Authority = hygie["Issuer"];
    options.ClientId = hygie["ClientId"];
    options.ClientSecret = hygie["ClientSecret"];
    options.ResponseType = OpenIdConnectResponseType.Code; // with PKCE S256, state and nonce, by the library
    options.ResponseMode = OpenIdConnectResponseMode.Query;
    options.Scope.Clear();
    options.Scope.Add("openid");
    options.Scope.Add("profile");
    options.MapInboundClaims = false; // claims keep their own names: sub, sid, acr
    options.SaveTokens = true; // the logout sends id_token_hint
    options.GetClaimsFromUserInfoEndpoint = true;
    options.TokenValidationParameters.NameClaimType = "name";
    options.TokenValidationParameters.ValidAlgorithms = ["RS256"];
    options.Events.OnRedirectToIdentityProvider = context =>
    {
        // A stronger login, where a page asks for one: Challenge(new AuthenticationProperties { Items = { ["acr"] = "eidas2" } })
        if (context.Properties.Items.TryGetValue("acr", out var acr)) context.ProtocolMessage.AcrValues = acr;
        return Task.CompletedTask;
    };
});
builder.Services.AddAuthorization();

var app = builder.Build();
app.UseAuthentication();
app.UseAuthorization();
app.MapGet("/", (HttpContext context) => context.User.FindFirst("sub")?.Value).RequireAuthorization();
app.MapGet("/logout", () => Results.SignOut(
    new AuthenticationProperties { RedirectUri = "/" },
    [CookieAuthenticationDefaults.AuthenticationScheme, OpenIdConnectDefaults.AuthenticationScheme]));
app.Run();
