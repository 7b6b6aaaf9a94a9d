using System.Diagnostics.CodeAnalysis;

namespace Serverless.Registry.Oci;

/// <summary>What names a manifest inside a repository: a tag or a digest (OCI distribution specification 1.1.1, "Definitions").</summary>
public readonly record struct Reference : IParsable<Reference>
{
    /// <summary>A reference by tag.</summary>
    public Reference(Tag tag) => Tag = tag;

    /// <summary>A reference by digest.</summary>
    public Reference(Digest digest) => Digest = digest;

    /// <summary>The tag; null when the reference is a digest.</summary>
    public Tag? Tag { get; }

    /// <summary>The digest; null when the reference is a tag.</summary>
    public Digest? Digest { get; }

    /// <inheritdoc/>
    public static Reference Parse(string s, IFormatProvider? provider = null) =>
        TryParse(s, provider, out var reference) ? reference : throw new FormatException("Neither a tag nor a digest.");

    /// <summary>As the other overload; references have no culture.</summary>
    public static bool TryParse([NotNullWhen(true)] string? s, out Reference result) => TryParse(s, null, out result);

    /// <inheritdoc/>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out Reference result)
    {
        if (Oci.Digest.TryParse(s, out var digest)) { result = new Reference(digest); return true; }
        if (Oci.Tag.TryParse(s, out var tag)) { result = new Reference(tag); return true; }
        result = default;
        return false;
    }

    /// <summary>The tag or the digest as clients write it.</summary>
    public override string ToString() => Tag?.ToString() ?? Digest?.ToString() ?? throw new InvalidOperationException("A default Reference has no value.");
}
