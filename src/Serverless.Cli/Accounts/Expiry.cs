using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Serverless.Cli.Accounts;

/// <summary>When an account ends, as an operator writes it: after a time, or at one.</summary>
internal sealed partial record Expiry
{
    private static readonly TimeSpan s_longest = TimeSpan.FromDays(36500);
    private static readonly string[] s_times = ["yyyy-MM-dd", "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd'T'HH:mm:ssK"];

    private readonly TimeSpan? _after;
    private readonly DateTimeOffset _at;

    private Expiry(TimeSpan after) => _after = after;

    private Expiry(DateTimeOffset at) => _at = at;

    /// <summary>
    /// Reads a duration, as a number with <c>m</c>, <c>h</c>, <c>d</c> or <c>w</c> or in the way of the settings; or a date, which is its beginning, or a
    /// time, both UTC where no offset is given.
    /// </summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out Expiry? result)
    {
        result = null;
        const DateTimeStyles Utc = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;
        if (FindDuration(text) is { } duration) result = duration > TimeSpan.Zero && duration <= s_longest ? new Expiry(duration) : null;
        else if (DateTimeOffset.TryParseExact(text, s_times, CultureInfo.InvariantCulture, Utc, out var at)) result = new Expiry(at);
        return result is not null;
    }

    /// <summary>The time, UTC.</summary>
    /// <exception cref="CliException">It is not to come.</exception>
    public DateTimeOffset From(DateTimeOffset now)
    {
        var end = _after is { } after ? now + after : _at;
        return end > now ? end : throw new CliException($"The time to end, {end:u}, has passed already.", ExitCode.Usage);
    }

    private static TimeSpan? FindDuration(string text)
    {
        // A bare number would be taken for days.
        if (text.Contains(':', StringComparison.Ordinal) && TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var span)) return span;
        if (Grammar().Match(text) is not { Success: true } match) return null;
        var number = int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture);
        return match.Groups[2].Value switch
        {
            "m" => TimeSpan.FromMinutes(number),
            "h" => TimeSpan.FromHours(number),
            "d" => TimeSpan.FromDays(number),
            _ => TimeSpan.FromDays(7 * number),
        };
    }

    [GeneratedRegex(@"\A([0-9]{1,6})([mhdw])\z", RegexOptions.CultureInvariant)]
    private static partial Regex Grammar();
}
