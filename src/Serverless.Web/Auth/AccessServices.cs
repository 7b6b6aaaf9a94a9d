using Microsoft.Extensions.Logging.Abstractions;
using Serverless.Web.Settings;

namespace Serverless.Web.Auth;

/// <summary>Adds the gate, and what all ways to sign in share.</summary>
internal static partial class AccessServices
{
    extension(IServiceCollection services)
    {
        public IServiceCollection AddAccess(AuthSettings settings, RegistryHost host) => services
            // The Functions host replaces X-Forwarded-For by the address that it sees itself, and that may be the platform's own.
            .AddSingleton(new ClientAddress(settings.Proxies ?? (host.IsFunctions ? null : 0), settings.AddressHeader))
            // Where nobody signs in, nothing is decided.
            .AddSingleton(sp => new AuditLog(
                settings.Mode is null or AuthMode.None ? NullLogger<AuditLog>.Instance : sp.GetRequiredService<ILogger<AuditLog>>(), sp.GetRequiredService<ClientAddress>()))
            .AddSingleton<AccessGate>();

        /// <summary>Adds no accounts at all.</summary>
        public IServiceCollection AddOpenAccess() => services.AddSingleton<IStanding, OpenStanding>().AddSingleton<IAuthenticator>(sp =>
        {
            LogOpen(sp.GetRequiredService<ILogger<OpenAuthenticator>>());
            return new OpenAuthenticator();
        });
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Nobody has to sign in: whoever reaches this registry may push, pull and delete")]
    private static partial void LogOpen(ILogger logger);
}
