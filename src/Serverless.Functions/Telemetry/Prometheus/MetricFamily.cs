using System.Diagnostics.Metrics;
using System.Text;

namespace Serverless.Functions.Telemetry.Prometheus;

/// <summary>The series of one instrument.</summary>
internal sealed class MetricFamily
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, MetricSeries> _series = new(StringComparer.Ordinal);
    private readonly Dictionary<KeyValuePair<string, object?>[], MetricSeries>.AlternateLookup<ReadOnlySpan<KeyValuePair<string, object?>>> _byTags =
        new Dictionary<KeyValuePair<string, object?>[], MetricSeries>(TagsComparer.Instance).GetAlternateLookup<ReadOnlySpan<KeyValuePair<string, object?>>>();
    private readonly bool _isObservable;
    private readonly IReadOnlyList<double>? _bounds;
    private readonly string _type;
    private readonly string _help;

    public MetricFamily(Instrument instrument)
    {
        var kind = instrument.GetType().GetGenericTypeDefinition();
        var isCounter = kind == typeof(Counter<>) || kind == typeof(ObservableCounter<>);
        _isObservable = instrument.IsObservable;
        _bounds = kind == typeof(Histogram<>) ? (instrument as Histogram<double>)?.Advice?.HistogramBucketBoundaries ?? [] : null;
        _type = isCounter ? "counter" : _bounds is not null ? "histogram" : "gauge";
        _help = instrument.Description ?? "";
        Name = PrometheusText.Name(instrument.Name, instrument.Unit, isCounter);
    }

    public string Name { get; }

    public void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        lock (_lock)
        {
            if (!_byTags.TryGetValue(tags, out var series))
            {
                // Tags of other types may look the same.
                var labels = PrometheusText.Labels(tags);
                if (!_series.TryGetValue(labels, out series)) _series.Add(labels, series = new MetricSeries(_bounds));
                _byTags[tags] = series;
            }

            // Those that are observed tell what they have come to, the others by how much they change.
            if (_isObservable) series.Set(value);
            else series.Add(value);
        }
    }

    /// <summary>Writes the family, unless nothing has happened yet.</summary>
    public void Write(StringBuilder text)
    {
        lock (_lock)
        {
            if (_series.Count == 0) return;
            text.Append("# HELP ").Append(Name).Append(' ').Append(PrometheusText.Help(_help)).Append('\n');
            text.Append("# TYPE ").Append(Name).Append(' ').Append(_type).Append('\n');
            foreach (var (labels, series) in _series) series.Write(text, Name, labels);
        }
    }
}
