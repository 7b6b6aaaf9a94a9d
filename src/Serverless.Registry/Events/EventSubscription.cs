using System.IO.Enumeration;
using Serverless.Registry.Oci;

namespace Serverless.Registry.Events;

/// <summary>What an endpoint wants to be told of. Of what nobody wants nothing is stored.</summary>
/// <param name="Name">The endpoint's name: lower-case letters, digits and hyphens.</param>
public sealed record EventSubscription(string Name)
{
    /// <summary>The actions. Pulls are told of only where they are asked for, and best effort.</summary>
    public IReadOnlyCollection<EventAction> Actions { get; init; } = [EventAction.Push, EventAction.Mount, EventAction.Delete, EventAction.Quota];

    /// <summary>Media types of which nothing is told.</summary>
    public IReadOnlyCollection<string> IgnoredMediaTypes { get; init; } = [];

    /// <summary>Patterns of the repositories, with <c>*</c> for any text and <c>?</c> for one character; empty for all.</summary>
    public IReadOnlyCollection<string> Repositories { get; init; } = [];

    /// <summary>Whether blobs are told of, and not only manifests, tags and repositories.</summary>
    public bool Blobs { get; init; } = true;

    /// <summary>Whether the endpoint is told of such a thing.</summary>
    /// <param name="action">What has happened.</param>
    /// <param name="repository">Where.</param>
    /// <param name="isBlob">Whether to a blob.</param>
    public bool Wants(EventAction action, RepositoryName repository, bool isBlob) =>
        (Blobs || !isBlob) && Actions.Contains(action) && (Repositories.Count == 0 || Repositories.Any(p => FileSystemName.MatchesSimpleExpression(p, repository.ToString(), ignoreCase: false)))
        && !(isBlob && Ignores(MediaTypes.OctetStream));

    /// <summary>Whether things of a media type are left out.</summary>
    public bool Ignores(string? mediaType) => mediaType is not null && IgnoredMediaTypes.Contains(mediaType, StringComparer.OrdinalIgnoreCase);
}
