namespace Serverless.Web.Telemetry;

/// <summary>What the environment asks to be sent by OTLP (OpenTelemetry specification 1.48.0, "Environment Variable Specification").</summary>
/// <param name="Traces">Whether traces are sent.</param>
/// <param name="Metrics">Whether metrics are sent.</param>
internal sealed record OtlpSignals(bool Traces, bool Metrics)
{
    public bool Any => Traces || Metrics;

    public static OtlpSignals Read(IConfiguration configuration)
    {
        // Everything else of OTEL_* the exporters read themselves.
        var disabled = string.Equals(configuration["OTEL_SDK_DISABLED"], "true", StringComparison.OrdinalIgnoreCase);
        return new OtlpSignals(!disabled && Wants("TRACES"), !disabled && Wants("METRICS"));

        // The specification sends to localhost unless told otherwise; here nothing is sent unless something asks for it.
        bool Wants(string signal) => configuration[$"OTEL_{signal}_EXPORTER"] switch
        {
            null or "" => IsSet("OTEL_EXPORTER_OTLP_ENDPOINT") || IsSet($"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT"),
            var exporters => exporters.Split(',', StringSplitOptions.TrimEntries).Contains("otlp", StringComparer.OrdinalIgnoreCase),
        };

        bool IsSet(string variable) => !string.IsNullOrWhiteSpace(configuration[variable]);
    }
}
