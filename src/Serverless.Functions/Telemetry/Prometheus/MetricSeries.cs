using System.Text;

namespace Serverless.Functions.Telemetry.Prometheus;

/// <summary>One value with its labels, or one histogram. Its family locks it.</summary>
/// <param name="bounds">The upper bounds of a histogram's buckets, ascending; null for a plain value.</param>
internal sealed class MetricSeries(IReadOnlyList<double>? bounds)
{
    // The last is for what is larger than every bound.
    private readonly long[] _buckets = new long[(bounds?.Count ?? 0) + 1];
    private double _sum;

    public void Set(double value) => _sum = value;

    public void Add(double value)
    {
        _sum += value;
        if (bounds is null) return;
        var bucket = 0;
        while (bucket < bounds.Count && value > bounds[bucket]) bucket++;
        _buckets[bucket]++;
    }

    public void Write(StringBuilder text, string name, string labels)
    {
        if (bounds is null)
        {
            PrometheusText.Sample(text, name, labels, _sum);
            return;
        }

        // Each bucket counts what is in those before it too.
        var count = 0L;
        for (var i = 0; i < _buckets.Length; i++)
        {
            count += _buckets[i];
            var bound = $"le=\"{PrometheusText.Number(i < bounds.Count ? bounds[i] : double.PositiveInfinity)}\"";
            PrometheusText.Sample(text, name + "_bucket", labels.Length == 0 ? bound : $"{labels},{bound}", count);
        }

        PrometheusText.Sample(text, name + "_sum", labels, _sum);
        PrometheusText.Sample(text, name + "_count", labels, count);
    }
}
