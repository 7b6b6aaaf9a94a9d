using Microsoft.IdentityModel.Tokens;
using Serverless.Registry.Accounts;
using Serverless.Web.Auth.Federation;
using Serverless.Web.Auth.Jwt;
using Serverless.Web.Outbound;
using Serverless.Web.Settings;

namespace Serverless.Web.Auth.Tokens;

/// <summary>Adds signing in by tokens.</summary>
internal static class TokenSignInServices
{
    extension(IServiceCollection services)
    {
        /// <summary>Adds what checks tokens, and the registry's own token service unless another server is named.</summary>
        public IServiceCollection AddTokenSignIn(TokenSettings settings, IReadOnlyList<FederationSettings> federation)
        {
            services.AddSingleton(settings).AddSingleton<VerifiedTokens>();
            services.AddSingleton(sp => ActivatorUtilities.CreateInstance<JwksSources>(sp, sp.GetRequiredService<OutboundGuard>().NewClient(JwksSources.Limits)));
            services.AddSingleton<IAuthenticator, TokenAuthenticator>().AddSingleton<TokenValidator>();
            return settings.IsExternal
                ? services.AddSingleton<IStanding, OpenStanding>().AddSingleton(sp => ExternalTrust.Of(settings, sp.GetRequiredService<JwksSources>()))
                : services.AddTokenService(settings).AddFederation(federation);
        }

        private IServiceCollection AddTokenService(TokenSettings settings) => services
            .AddSingleton<IStanding, AccountStanding>().AddSingleton<AccountRights>().AddSingleton<AccountNames>().AddSingleton<PasswordSignIn>().AddSingleton<RefreshSignIn>().AddSingleton<FederatedSignIn>()
            .AddSingleton<TokenService>().AddSingleton<TokenIssuer>()
            .AddSingleton(sp => ActivatorUtilities.CreateInstance<KeyRing>(sp, Keys(settings, sp)))
            .AddSingleton(sp => OwnTrust(settings, sp.GetRequiredService<KeyRing>()));
    }

    private static TokenTrust OwnTrust(TokenSettings settings, KeyRing keys) =>
        new(settings.Issuer, settings.Service, [SecurityAlgorithms.EcdsaSha256], keys.FindKeysAsync) { MaxLifetime = settings.Lifetime };

    private static KeyRingSource Keys(TokenSettings settings, IServiceProvider services) =>
        settings.SigningKey is { } path ? KeyRingSource.Fixed(SigningKeyFile.Read(path))
        : settings.KeyVault is not null ? KeyRingSource.Vault(services.GetRequiredService<ISigningKeys>())
        : KeyRingSource.Storage(services.GetRequiredService<ISigningKeys>());
}
