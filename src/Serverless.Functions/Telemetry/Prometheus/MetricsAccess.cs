namespace Serverless.Functions.Telemetry.Prometheus;

/// <summary>Who may read <c>/metrics</c>.</summary>
internal enum MetricsAccess
{
    /// <summary>Who comes from this machine, and not through a proxy.</summary>
    Loopback,

    /// <summary>Whoever reaches the registry.</summary>
    Anyone,

    /// <summary>Nobody, and nothing is gathered.</summary>
    Nobody,
}
