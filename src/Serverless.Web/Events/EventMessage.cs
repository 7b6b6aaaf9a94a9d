namespace Serverless.Web.Events;

/// <summary>An event as it is sent.</summary>
/// <param name="ContentType">The media type of the body.</param>
/// <param name="Body">The body, the same bytes at every attempt.</param>
internal sealed record EventMessage(string ContentType, byte[] Body)
{
    /// <summary>What of the event is in headers.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];
}
