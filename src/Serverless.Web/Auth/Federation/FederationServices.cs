using Microsoft.IdentityModel.Tokens;
using Serverless.Web.Auth.Jwt;
using Serverless.Web.Settings;

namespace Serverless.Web.Auth.Federation;

/// <summary>Adds the issuers whose tokens can be exchanged for access.</summary>
internal static class FederationServices
{
    public static IServiceCollection AddFederation(this IServiceCollection services, IReadOnlyList<FederationSettings> issuers)
    {
        foreach (var issuer in issuers) services.AddSingleton(sp => Open(issuer, sp.GetRequiredService<JwksSources>(), sp.GetRequiredService<TimeProvider>()));
        return services;
    }

    private static FederatedIssuer Open(FederationSettings settings, JwksSources sources, TimeProvider time)
    {
        var trust = new TokenTrust(settings.Issuer.OriginalString, settings.Audience, settings.Algorithms, FindKeys(sources.Discovery(settings.Issuer)));
        return new FederatedIssuer(settings, new TokenValidator(trust, time));
    }

    // No name makes it read: the keys are somebody else's, and names of keys are anybody's to invent.
    private static Func<string?, CancellationToken, ValueTask<IReadOnlyList<SecurityKey>>> FindKeys(JwksSource source) => (_, cancellationToken) => source.GetAsync(cancellationToken);
}
