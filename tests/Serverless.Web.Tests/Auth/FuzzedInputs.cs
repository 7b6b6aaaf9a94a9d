using System.Globalization;
using FsCheck;
using FsCheck.Fluent;

namespace Serverless.Web.Tests.Auth;

/// <summary>What the fuzz tests of the readers share: how many inputs they take, and how inputs are changed.</summary>
internal static class FuzzedInputs
{
    /// <summary>Pieces at which readers of JSON, base64url and forms may stumble.</summary>
    public static readonly string[] Pieces =
    [
        "{", "}", "[", "]", ",", ":", "\"", "\\", "\\u", "\\ud800", "\\udc00\\ud800", "\\u0000", "null", "true", "1e999", "-1", "0", "1e300", "0.5", " ", "\n", "\0", "\uffff", "\ud800", "ä", "🙂",
        ".", "..", "=", "==", "-", "_", "A", "ey", "%", "%zz", "%00", "%ff", "%ed%a0%80", "&", "+", ";", "/", "*", "?", "$", "'", "exp", "aud", "kid", "x5c", "crit", "",
    ];

    /// <summary>How many inputs there are in all; as many as <c>FUZZED_INPUTS</c> says where it is set.</summary>
    public static int Count { get; } = int.TryParse(Environment.GetEnvironmentVariable("FUZZED_INPUTS"), NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : 50_000;

    /// <summary>A text with one to four cuts, each filled with a piece.</summary>
    public static Gen<string> Mutated(Gen<string> texts) =>
        from text in texts
        from cuts in (from at in Gen.Choose(0, 10_000) from length in Gen.Choose(0, 4) from piece in Gen.Elements(Pieces) select (at, length, piece)).ListOf(4)
        from count in Gen.Choose(1, 4)
        select cuts.Take(count).Aggregate(text, (t, cut) =>
        {
            var at = t.Length == 0 ? 0 : cut.at % t.Length;
            return t[..at] + cut.piece + t[Math.Min(t.Length, at + cut.length)..];
        });

    /// <summary>A JSON value of any kind, two levels deep.</summary>
    public static Gen<string> Json(Gen<string> names) => Value(names, 2);

    public static Gen<byte[]> Bytes(int most) => from length in Gen.Choose(0, most) from bytes in Gen.Choose(0, 255).Select(b => (byte)b).ArrayOf(length) select bytes;

    /// <summary>Looks at that many inputs.</summary>
    public static void Check<T>(Gen<T> inputs, int share, Action<T> look) => Prop.ForAll(inputs.ToArbitrary(), look).Check(Config.QuickThrowOnFailure.WithMaxTest(Math.Max(1, Count / share)));

    private static Gen<string> Value(Gen<string> names, int depth)
    {
        var simple = Gen.Elements("1", "0", "-1", "1.5", "1e300", "1e999", "99999999999999999999", "null", "true", "\"\"", "\"a\"", "\"\\ud800\"", "\"\\u0000\"", "\"1764212345\"", "\"team/app\"", "\"pull\"", "\"*\"", "\"repository\"");
        if (depth == 0) return simple;
        var inner = Value(names, depth - 1);
        return Gen.Frequency(
            (3, simple),
            (1, from items in inner.ListOf(2) select $"[{string.Join(',', items)}]"),
            (1, from name in names from item in inner select $"{{\"{name}\":{item}}}"));
    }
}
