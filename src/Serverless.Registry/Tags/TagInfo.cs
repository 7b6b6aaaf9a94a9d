using Serverless.Registry.Oci;

namespace Serverless.Registry.Tags;

/// <summary>What is known of a tag.</summary>
/// <param name="Tag">The tag.</param>
/// <param name="Target">The manifest that it points at; of its artifact type nothing is known here.</param>
/// <param name="PushedAt">When it was pointed there, UTC, by the clock of storage; null when nobody knows any more.</param>
/// <param name="PulledAt">When it was last pulled, up to an hour before the truth; null when no pull was noted.</param>
public sealed record TagInfo(Tag Tag, Descriptor Target, DateTimeOffset? PushedAt, DateTimeOffset? PulledAt);
