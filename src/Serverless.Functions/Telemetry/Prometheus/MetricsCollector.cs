using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Text;

namespace Serverless.Functions.Telemetry.Prometheus;

/// <summary>Keeps the values of the registry's instruments, and of the runtime's, for whoever comes to read them.</summary>
internal sealed class MetricsCollector : IDisposable
{
    // Of what the runtime says of itself, the part that tells whether the process is well.
    private static readonly HashSet<string> s_runtime =
        ["dotnet.process.memory.working_set", "dotnet.process.cpu.time", "dotnet.gc.collections", "dotnet.gc.pause.time", "dotnet.gc.last_collection.heap.size", "dotnet.exceptions"];

    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<string, MetricFamily> _families = new(StringComparer.Ordinal);

    /// <param name="meter">The registry's; by itself and not by its name, for a process may hold several registries.</param>
    public MetricsCollector(Meter meter)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter != meter && !(instrument.Meter.Name == RegistryMetrics.RuntimeMeterName && s_runtime.Contains(instrument.Name))) return;
            var family = new MetricFamily(instrument);
            if (_families.TryAdd(family.Name, family)) listener.EnableMeasurementEvents(instrument, family);
        };
        _listener.SetMeasurementEventCallback<int>(static (_, value, tags, family) => ((MetricFamily)family!).Record(value, tags));
        _listener.SetMeasurementEventCallback<long>(static (_, value, tags, family) => ((MetricFamily)family!).Record(value, tags));
        _listener.SetMeasurementEventCallback<double>(static (_, value, tags, family) => ((MetricFamily)family!).Record(value, tags));
        _listener.Start();
    }

    /// <summary>All values, in Prometheus's text format 0.0.4.</summary>
    public string Write()
    {
        _listener.RecordObservableInstruments();
        var text = new StringBuilder();
        foreach (var family in _families.Values.OrderBy(f => f.Name, StringComparer.Ordinal)) family.Write(text);
        return text.ToString();
    }

    public void Dispose() => _listener.Dispose();
}
