using System.Runtime.CompilerServices;
using Serverless.Web.Settings;

namespace Serverless.Web.Telemetry;

/// <summary>Adds everything that watches the registry.</summary>
internal static class TelemetryServices
{
    extension(IServiceCollection services)
    {
        /// <summary>
        /// Adds what is measured, traced and logged. Where nobody reads metrics and nobody asks for traces, as with the Functions host and no OTEL_* variable, it is
        /// instruments that nobody listens to.
        /// </summary>
        /// <param name="configuration">Where OTEL_* variables are.</param>
        /// <param name="host">What runs the registry.</param>
        /// <param name="access">Who may read <c>/metrics</c>.</param>
        public IServiceCollection AddTelemetry(IConfiguration configuration, RegistryHost host, MetricsAccess access)
        {
            // Instances of the Functions host are many and short-lived: nobody could scrape them.
            var (signals, forPrometheus) = (OtlpSignals.Read(configuration), !host.IsFunctions && access != MetricsAccess.Nobody);
            services.AddSingleton<RegistryMetrics>().AddSingleton<MirrorMetrics>().AddSingleton<RequestObserver>();
            services.AddSingleton(new RequestIds(host.IsFunctions));
            services.AddSingleton(sp => new RequestLog(sp.GetRequiredService<ILogger<RequestLog>>(), host.IsFunctions ? LogLevel.Debug : LogLevel.Information));
            return signals.Any || forPrometheus ? services.AddExport(signals, forPrometheus) : services.AddStores(static (_, stores) => stores);
        }

        // A method of its own, so that the types in it are not loaded where they are not needed.
        [MethodImpl(MethodImplOptions.NoInlining)]
        private IServiceCollection AddExport(OtlpSignals signals, bool forPrometheus)
        {
            // Made by the container, so that it ends with it and sends what it has.
            services.AddSingleton(sp => new RegistryExport(sp.GetRequiredService<RegistryMetrics>(), signals, forPrometheus)).AddSingleton<ObservedStorage>();
            if (forPrometheus) services.AddSingleton(sp => new PrometheusScrape(sp, sp.GetRequiredService<RegistryExport>().Metrics!));
            return services.AddStores(static (sp, stores) =>
            {
                // Whoever measures must be there before anything is measured.
                _ = sp.GetRequiredService<RegistryExport>();
                return sp.GetRequiredService<ObservedStorage>().Wrap(stores);
            });
        }

        private IServiceCollection AddStores(Func<IServiceProvider, RegistryStores, RegistryStores> observe) => services
            .AddSingleton(sp => observe(sp, sp.GetRequiredService<RegistryStores>()).Tables)
            .AddSingleton(sp => observe(sp, sp.GetRequiredService<RegistryStores>()).Objects);
    }
}
