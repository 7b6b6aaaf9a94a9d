namespace Serverless.Registry.Events;

/// <summary>Who changes something, and by which request.</summary>
public sealed record ChangeOrigin
{
    /// <summary>Nobody knows.</summary>
    public static ChangeOrigin Unknown { get; } = new();

    /// <summary>Who does it; null when unknown.</summary>
    public string? Actor { get; init; }

    /// <summary>The id of the request; null where there was none.</summary>
    public string? RequestId { get; init; }

    /// <summary>Where the request came from; null when unknown.</summary>
    public string? Address { get; init; }

    /// <summary>The host that the request was for; null when unknown.</summary>
    public string? Host { get; init; }

    /// <summary>The method of the request; null where there was none.</summary>
    public string? Method { get; init; }

    /// <summary>The program that sent the request; null when it did not say.</summary>
    public string? UserAgent { get; init; }

    /// <summary>Somebody who works without a request, such as the operator's tool.</summary>
    public static ChangeOrigin Of(string? actor) => new() { Actor = actor };
}
