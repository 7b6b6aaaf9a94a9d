using Serverless.Registry;
using Serverless.Web.Outbound;
using Serverless.Web.Remotes;
using Serverless.Web.Settings;

namespace Serverless.Web.Mirrors;

/// <summary>Adds the mirrors.</summary>
internal static class MirrorServices
{
    /// <summary>Adds <see cref="MirrorTable"/>. A clock, and the network where there is one of its own, must be there.</summary>
    public static IServiceCollection AddMirrors(this IServiceCollection services, IReadOnlyList<MirrorSettings> mirrors, OutboundSettings outbound) => services
        .AddSingleton<MirrorObserver>()
        .AddSingleton(sp => new MirrorTable([.. mirrors.Select(m => Open(m, outbound, sp))]));

    private static OpenMirror Open(MirrorSettings settings, OutboundSettings outbound, IServiceProvider services)
    {
        var options = new RemoteOptions
        {
            Address = settings.Remote.GetLeftPart(UriPartial.Authority),
            Credentials = Credentials(settings),
            TrustedRealms = settings.TrustedRealms,
            Timeout = settings.Timeout,
        };
        var remote = new RemoteRegistry(options, outbound, services.GetRequiredService<OutboundNetwork>(), services.GetRequiredService<TimeProvider>());
        return new OpenMirror(settings, remote, services.GetRequiredService<ContainerRegistry>().MirrorFrom(settings.Rule, remote.OpenMirrorSource, services.GetRequiredService<MirrorObserver>()));
    }

    private static RemoteCredentials? Credentials(MirrorSettings settings) =>
        settings.Secret is not { } secret ? null
        : settings.User is { } user ? RemoteCredentials.OfUser(user, secret)
        : RemoteCredentials.OfToken(secret);
}
