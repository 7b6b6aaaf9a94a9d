namespace Serverless.Web.Outbound;

/// <summary>What one request that goes out may cost.</summary>
/// <param name="MaxBytes">Bytes of an answer's body that is read whole.</param>
/// <param name="Time">How long a request may take, its redirects and its answer's body included.</param>
internal sealed record OutboundLimits(int MaxBytes, TimeSpan Time)
{
    /// <summary>Redirects that are followed; none, unless who asks has a reason to be sent elsewhere.</summary>
    public int Redirects { get; init; }
}
