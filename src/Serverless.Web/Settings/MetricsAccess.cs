namespace Serverless.Web.Settings;

/// <summary>Who may read <c>/metrics</c>.</summary>
public enum MetricsAccess
{
    /// <summary>Who comes from this machine, and not through a proxy.</summary>
    Loopback,

    /// <summary>Whoever reaches the registry.</summary>
    Anyone,

    /// <summary>Nobody, and nothing is gathered.</summary>
    Nobody,
}
