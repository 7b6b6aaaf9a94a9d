using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace Serverless.Registry.Oci;

/// <summary>A repository's name, for example <c>team/app</c>, at most 255 characters.</summary>
public readonly partial record struct RepositoryName : IParsable<RepositoryName>, IComparable<RepositoryName>
{
    /// <summary>Longest name, in characters; clients count the host's name in too.</summary>
    public const int MaxLength = 255;

    private readonly string? _value;

    private RepositoryName(string value) => _value = value;

    private string Value => _value ?? throw new InvalidOperationException("A default RepositoryName has no value.");

    /// <inheritdoc/>
    public static RepositoryName Parse(string s, IFormatProvider? provider = null) =>
        TryParse(s, provider, out var name) ? name : throw new FormatException("Not a repository name.");

    /// <summary>As the other overload; names have no culture.</summary>
    public static bool TryParse([NotNullWhen(true)] string? s, out RepositoryName result) => TryParse(s, null, out result);

    /// <inheritdoc/>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out RepositoryName result)
    {
        result = default;
        if (s is null || s.Length > MaxLength || !Grammar().IsMatch(s)) return false;
        result = new RepositoryName(s);
        return true;
    }

    /// <summary>ASCII order, the order of the catalog.</summary>
    public int CompareTo(RepositoryName other) => string.CompareOrdinal(Value, other.Value);

    /// <summary>The name as clients write it.</summary>
    public override string ToString() => Value;

    /// <summary>Whether one name sorts before another.</summary>
    public static bool operator <(RepositoryName left, RepositoryName right) => left.CompareTo(right) < 0;

    /// <summary>Whether one name sorts before another or equals it.</summary>
    public static bool operator <=(RepositoryName left, RepositoryName right) => left.CompareTo(right) <= 0;

    /// <summary>Whether one name sorts after another.</summary>
    public static bool operator >(RepositoryName left, RepositoryName right) => left.CompareTo(right) > 0;

    /// <summary>Whether one name sorts after another or equals it.</summary>
    public static bool operator >=(RepositoryName left, RepositoryName right) => left.CompareTo(right) >= 0;

    // OCI distribution specification 1.1.1, "Pulling manifests"; \z because $ would let a final line feed through.
    [GeneratedRegex(@"\A[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*\z", RegexOptions.CultureInvariant)]
    private static partial Regex Grammar();
}
