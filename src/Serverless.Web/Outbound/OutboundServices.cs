using Serverless.Web.Settings;

namespace Serverless.Web.Outbound;

/// <summary>Adds what goes out.</summary>
internal static class OutboundServices
{
    public static IServiceCollection AddOutbound(this IServiceCollection services, OutboundSettings settings)
    {
        services.TryAddSingleton(OutboundNetwork.System);
        return services.AddSingleton(sp => new OutboundGuard(settings, sp.GetRequiredService<OutboundNetwork>()));
    }
}
