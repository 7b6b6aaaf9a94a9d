using Serverless.Registry.Storage;

namespace Serverless.Registry.Verification;

/// <summary>
/// The names of objects in parts that can be listed by themselves: all of them; those of each <c>data/aa/</c>; then by one digit of the random name more. Names that nobody here has made,
/// such as <c>data/x</c>, are in the first part alone.
/// </summary>
internal static class ObjectPrefixes
{
    private const string Digits = "0123456789abcdef";

    /// <summary>The parts of a part, in order.</summary>
    public static IEnumerable<string> Split(string prefix)
    {
        if (prefix == TableKeys.ObjectPrefix) return Digits.SelectMany(a => Digits.Select(b => $"{prefix}{a}{b}/"));
        // The random name repeats the two digits of its folder.
        if (prefix.EndsWith('/')) return Digits.Select(d => $"{prefix}{prefix[^3..^1]}{d}");
        return Digits.Select(d => prefix + d);
    }

    /// <summary>What is left from a part on, in order; from an empty one all.</summary>
    public static IEnumerable<string> From(string first) => first.Length == 0 ? [TableKeys.ObjectPrefix] : From(TableKeys.ObjectPrefix, first);

    private static IEnumerable<string> From(string part, string first)
    {
        if (part == first || string.CompareOrdinal(part, first) > 0) return [part];
        return first.StartsWith(part, StringComparison.Ordinal) ? Split(part).SelectMany(p => From(p, first)) : [];
    }
}
