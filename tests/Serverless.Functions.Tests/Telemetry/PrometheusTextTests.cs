using System.Diagnostics.Metrics;
using Serverless.Functions.Telemetry.Prometheus;
using Xunit;

namespace Serverless.Functions.Tests.Telemetry;

/// <summary>The text format, by a meter of the test's own.</summary>
public sealed class PrometheusTextTests : IDisposable
{
    private readonly Meter _meter = new("test");

    public void Dispose() => _meter.Dispose();

    [Fact]
    public void A_counter_has_help_a_type_and_a_line_for_each_set_of_labels()
    {
        using var collector = new MetricsCollector(_meter);
        var counter = _meter.CreateCounter<long>("test.bytes.sent", "By", "What was sent.");
        counter.Add(1, KeyValuePair.Create<string, object?>("http.route", "/b"));
        counter.Add(2, KeyValuePair.Create<string, object?>("http.route", "/a"));
        counter.Add(3, KeyValuePair.Create<string, object?>("http.route", "/b"));
        Assert.Equal(
            ["# HELP test_bytes_sent_bytes_total What was sent.", "# TYPE test_bytes_sent_bytes_total counter", "test_bytes_sent_bytes_total{http_route=\"/a\"} 2", "test_bytes_sent_bytes_total{http_route=\"/b\"} 4"],
            Lines(collector));
    }

    [Fact]
    public void A_histogram_has_cumulative_buckets_a_sum_and_a_count()
    {
        using var collector = new MetricsCollector(_meter);
        var histogram = _meter.CreateHistogram("test.duration", "s", "Time.", null, new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.5, 1, 10] });
        foreach (var value in (double[])[0.25, 0.5, 0.75, 100]) histogram.Record(value, KeyValuePair.Create<string, object?>("a", 1));
        Assert.Equal(
            [
                "# HELP test_duration_seconds Time.", "# TYPE test_duration_seconds histogram",
                "test_duration_seconds_bucket{a=\"1\",le=\"0.5\"} 2", "test_duration_seconds_bucket{a=\"1\",le=\"1\"} 3", "test_duration_seconds_bucket{a=\"1\",le=\"10\"} 3",
                "test_duration_seconds_bucket{a=\"1\",le=\"+Inf\"} 4", "test_duration_seconds_sum{a=\"1\"} 101.5", "test_duration_seconds_count{a=\"1\"} 4",
            ],
            Lines(collector));
    }

    [Fact]
    public void What_goes_up_and_down_is_a_gauge_and_what_is_observed_is_read_anew()
    {
        var observed = 1.5;
        using var collector = new MetricsCollector(_meter);
        var active = _meter.CreateUpDownCounter<int>("test.active", "{request}");
        _meter.CreateObservableGauge("test.uptime", () => observed, "s");
        active.Add(2);
        active.Add(-1);
        Assert.Contains("test_uptime_seconds 1.5", Lines(collector));
        observed = double.PositiveInfinity;
        Assert.Equal(["# HELP test_active ", "# TYPE test_active gauge", "test_active 1", "# HELP test_uptime_seconds ", "# TYPE test_uptime_seconds gauge", "test_uptime_seconds +Inf"], Lines(collector));
    }

    [Fact]
    public void Labels_and_help_are_escaped()
    {
        using var collector = new MetricsCollector(_meter);
        _meter.CreateCounter<long>("test", null, "a\\b\n\"c\"").Add(1, KeyValuePair.Create<string, object?>("x", "a\\b\n\"c\""));
        Assert.Equal(["# HELP test_total a\\\\b\\n\"c\"", "# TYPE test_total counter", "test_total{x=\"a\\\\b\\n\\\"c\\\"\"} 1"], Lines(collector));
    }

    [Fact]
    public void Other_meters_are_left_alone()
    {
        using var other = new Meter("test");
        using var collector = new MetricsCollector(_meter);
        other.CreateCounter<long>("test").Add(1);
        Assert.Empty(Lines(collector));
    }

    private static IEnumerable<string> Lines(MetricsCollector collector)
    {
        var text = collector.Write();
        Assert.EndsWith("\n", text, StringComparison.Ordinal);
        return text.Split('\n').SkipLast(1).Where(line => !line.Contains("dotnet_", StringComparison.Ordinal));
    }
}
