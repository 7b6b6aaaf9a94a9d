using Serverless.Registry.Oci;

namespace Serverless.Registry.Tags;

/// <summary>A move of a tag.</summary>
/// <param name="Target">What it was pointed at.</param>
/// <param name="Time">When, UTC, by the clock of storage.</param>
/// <param name="Actor">Who did it; null when unknown.</param>
public sealed record TagMove(Descriptor Target, DateTimeOffset Time, string? Actor);
