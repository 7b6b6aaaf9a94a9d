using System.Globalization;
using System.Numerics;

namespace Serverless.Web.Settings;

/// <summary>
/// Reads the settings below <c>Registry</c>, notes every bad value with what would be right instead of stopping at the first, and knows which keys nobody
/// asked for.
/// </summary>
public sealed class SettingsReader(IConfiguration configuration)
{
    /// <summary>The key below which all settings are.</summary>
    public const string Root = "Registry";

    private readonly HashSet<string> _known = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<string> _problems = [];

    /// <summary>What is wrong with the values that were asked for so far.</summary>
    public IReadOnlyList<string> Problems => _problems;

    /// <summary>Every key that was asked for, relative to the root.</summary>
    public IReadOnlyCollection<string> Known => _known;

    /// <summary>Keys that are set but that no setting has, relative to the root.</summary>
    public IEnumerable<string> Unknown() => configuration.GetSection(Root).AsEnumerable(makePathsRelative: true)
        .Where(pair => pair.Value is not null && pair.Key.Length > 0 && !_known.Contains(pair.Key))
        .Select(pair => pair.Key);

    /// <summary>A text without the spaces around it; null when it is not set, or empty.</summary>
    public string? Text(string key)
    {
        _known.Add(key);
        var value = configuration[Root + ":" + key]?.Trim();
        return string.IsNullOrEmpty(value) ? null : value;
    }

    /// <summary>True or false.</summary>
    public bool Flag(string key, bool otherwise) =>
        Read(key, otherwise, "true or false", static (string text, out bool value) => bool.TryParse(text, out value));

    /// <summary>A duration of more than zero, as <c>hours:minutes:seconds</c> or <c>days.hours:minutes:seconds</c>.</summary>
    public TimeSpan Duration(string key, TimeSpan otherwise) => Read(
        key, otherwise, "a duration such as 00:05:00 or 1.00:00:00 (days.hours:minutes:seconds), more than zero",
        static (string text, out TimeSpan value) => TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out value) && value > TimeSpan.Zero
            // A bare number would be taken for days.
            && text.Contains(':', StringComparison.Ordinal));

    /// <summary>A whole number within bounds.</summary>
    public T Number<T>(string key, T otherwise, T least, T most)
        where T : struct, IBinaryInteger<T> => Read(
        key, otherwise, string.Create(CultureInfo.InvariantCulture, $"a whole number from {least} to {most}"),
        (string text, out T value) => T.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value >= least && value <= most);

    /// <summary>An absolute http or https URL without query or fragment; null when it is not set.</summary>
    public Uri? Url(string key) => Read<Uri?>(
        key, null, "an absolute http or https URL without query or fragment",
        static (string text, out Uri? value) => Uri.TryCreate(text, UriKind.Absolute, out value)
            && value.Scheme is "http" or "https" && value.Query.Length == 0 && value.Fragment.Length == 0 && value.UserInfo.Length == 0);

    /// <summary>One of the names of an enumeration, in any case.</summary>
    public T Choice<T>(string key, T otherwise)
        where T : struct, Enum =>
        Read(key, otherwise, "one of " + string.Join(", ", Enum.GetNames<T>()), static (string text, out T value) => Enum.TryParse(text, ignoreCase: true, out value) && Enum.IsDefined(value));

    /// <summary>The values of a list, <c>key:0</c>, <c>key:1</c> and so on.</summary>
    public List<T> List<T>(string key, string expected, Func<string, T> parse) =>
        [.. Sections(key).Select(item => Read(item, default, expected, (string text, out T? value) => TryParseItem(text, parse, out value))).OfType<T>()];

    /// <summary>The keys below a key, relative to the root.</summary>
    public IEnumerable<string> Sections(string key) => configuration.GetSection(Root + ":" + key).GetChildren().Select(child => $"{key}:{child.Key}");

    private static bool TryParseItem<T>(string text, Func<string, T> parse, out T? value)
    {
        try
        {
            value = parse(text);
            return true;
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            value = default;
            return false;
        }
    }

    /// <summary>Notes that something is wrong with a key's value.</summary>
    /// <param name="key">The key, relative to the root.</param>
    /// <param name="problem">What would be right. It goes to logs, so it never repeats a value, which may be a secret.</param>
    public void Problem(string key, string problem) => _problems.Add($"{Root}:{key} {problem}");

    private T Read<T>(string key, T otherwise, string expected, TryParse<T> parse)
    {
        if (Text(key) is not { } text) return otherwise;
        if (parse(text, out var value)) return value;
        // The value is not repeated: it may be a secret, meant for this key or for another.
        Problem(key, $"must be {expected}.");
        return otherwise;
    }

    private delegate bool TryParse<T>(string text, out T value);
}
