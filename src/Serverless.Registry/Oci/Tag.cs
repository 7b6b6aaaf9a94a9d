using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace Serverless.Registry.Oci;

/// <summary>A tag: a mutable name for a manifest, at most 128 characters; upper and lower case differ.</summary>
public readonly partial record struct Tag : IParsable<Tag>
{
    private readonly string? _value;

    private Tag(string value) => _value = value;

    private string Value => _value ?? throw new InvalidOperationException("A default Tag has no value.");

    /// <inheritdoc/>
    public static Tag Parse(string s, IFormatProvider? provider = null) =>
        TryParse(s, provider, out var tag) ? tag : throw new FormatException("Not a tag.");

    /// <summary>As the other overload; tags have no culture.</summary>
    public static bool TryParse([NotNullWhen(true)] string? s, out Tag result) => TryParse(s, null, out result);

    /// <inheritdoc/>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out Tag result)
    {
        result = default;
        if (s is null || !Grammar().IsMatch(s)) return false;
        result = new Tag(s);
        return true;
    }

    /// <summary>The tag as clients write it.</summary>
    public override string ToString() => Value;

    // OCI distribution specification 1.1.1, "Pulling manifests".
    [GeneratedRegex(@"\A[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Grammar();
}
