using System.Globalization;
using System.Text;

namespace Serverless.Functions.Telemetry.Prometheus;

/// <summary>
/// Prometheus's text format 0.0.4, with OpenTelemetry's names made into Prometheus's (OpenTelemetry 1.48.0, "Prometheus and OpenMetrics Compatibility").
/// </summary>
internal static class PrometheusText
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    /// <summary><c>http.server.request.duration</c> in <c>s</c> is <c>http_server_request_duration_seconds</c>.</summary>
    public static string Name(string name, string? unit, bool isCounter)
    {
        var plain = Plain(name);
        // A unit in braces only says what is counted.
        var suffix = unit switch
        {
            null or "" => "",
            "s" => "seconds",
            "By" => "bytes",
            "1" => isCounter ? "" : "ratio",
            ['{', ..] => "",
            _ => Plain(unit),
        };
        if (suffix.Length > 0 && !plain.EndsWith("_" + suffix, StringComparison.Ordinal)) plain = $"{plain}_{suffix}";
        return isCounter && !plain.EndsWith("_total", StringComparison.Ordinal) ? plain + "_total" : plain;
    }

    /// <summary><c>a="1",b="2"</c></summary>
    public static string Labels(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (tags.IsEmpty) return "";
        var text = new StringBuilder();
        foreach (var (name, value) in tags)
        {
            if (text.Length > 0) text.Append(',');
            var escaped = Escape(Convert.ToString(value, CultureInfo.InvariantCulture) ?? "").Replace("\"", "\\\"", StringComparison.Ordinal);
            text.Append(Plain(name)).Append("=\"").Append(escaped).Append('"');
        }

        return text.ToString();
    }

    public static string Help(string text) => Escape(text);

    public static string Number(double value) =>
        double.IsPositiveInfinity(value) ? "+Inf" : double.IsNegativeInfinity(value) ? "-Inf" : double.IsNaN(value) ? "NaN" : value.ToString("R", CultureInfo.InvariantCulture);

    public static void Sample(StringBuilder text, string name, string labels, double value)
    {
        text.Append(name);
        if (labels.Length > 0) text.Append('{').Append(labels).Append('}');
        text.Append(' ').Append(Number(value)).Append('\n');
    }

    private static string Plain(string name) => string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '_'));

    private static string Escape(string text) => text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
}
