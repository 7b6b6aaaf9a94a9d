using Serverless.Registry.Oci;
using Serverless.Registry.Storage;

namespace Serverless.Registry.Core;

/// <summary>
/// Who may work on what is stored. A release that stores something which older ones would misread, or would take for garbage, raises these numbers, once no older one is
/// left that matters; older ones then refuse to work.
/// </summary>
/// <param name="Reader">The oldest release, by its own number, that may read and write.</param>
/// <param name="Collector">The oldest release that may delete what it takes for garbage.</param>
public sealed record RegistryFormat(int Reader, int Collector)
{
    private const string ReaderProperty = "reader";
    private const string CollectorProperty = "collector";

    /// <summary>The number of this release, and what it makes of a registry that is new.</summary>
    public static RegistryFormat Current { get; } = new(1, 1);

    /// <summary>Whether neither number is lower than the other format's.</summary>
    public bool IsAsHighAs(RegistryFormat other) => Reader >= other.Reader && Collector >= other.Collector;

    /// <summary>Of each number the higher.</summary>
    internal RegistryFormat Highest(RegistryFormat other) => new(Math.Max(Reader, other.Reader), Math.Max(Collector, other.Collector));

    internal Dictionary<string, object> ToProperties() => new() { [ReaderProperty] = Reader, [CollectorProperty] = Collector };

    /// <summary>What the row says, or why nobody knows.</summary>
    internal static FormatReport Report(TableRow? row)
    {
        if (row is null) return new FormatReport(null, "The row 'format' is missing");
        var unreadable = Number(row, ReaderProperty) is null ? ReaderProperty : Number(row, CollectorProperty) is null ? CollectorProperty : null;
        return unreadable is null ? new FormatReport(Known(row), null) : new FormatReport(null, $"The row 'format' cannot be read: its property '{unreadable}' is no number of a release");
    }

    /// <summary>Those numbers that can be read, and 0 for the others.</summary>
    internal static RegistryFormat Known(TableRow? row) => row is null ? new(0, 0) : new(Number(row, ReaderProperty) ?? 0, Number(row, CollectorProperty) ?? 0);

    /// <summary>Lets a release of this number write to a registry, or collect from it. What it cannot judge it leaves alone.</summary>
    /// <exception cref="RegistryException">UNSUPPORTED: what is stored is for newer releases, or nobody can tell.</exception>
    internal void Demand(TableRow? stored, bool collects)
    {
        var report = Report(stored);
        Demand(report.Stored ?? throw Refuse(report.Problem!), collects);
    }

    /// <exception cref="RegistryException">UNSUPPORTED: what is stored is for newer releases.</exception>
    internal void Demand(RegistryFormat stored, bool collects)
    {
        var (needed, own) = collects ? (stored.Collector, Collector) : (stored.Reader, Reader);
        if (own < needed) throw Refuse($"What is stored is for releases of format {needed} and later, and this one is of {own}");
    }

    private static int? Number(TableRow row, string name) => row.Properties.GetValueOrDefault(name) switch
    {
        int number and >= 0 => number,
        long number and >= 0 and <= int.MaxValue => (int)number,
        _ => null,
    };

    private static RegistryException Refuse(string reason) => new(RegistryError.Unsupported, reason + ": nothing is written or deleted");
}

/// <summary>What is stored of a registry's format.</summary>
/// <param name="Stored">The numbers; null when nobody knows them, and before the first write.</param>
/// <param name="Problem">Why nobody knows them, without a full stop; null when that is known, and before the first write.</param>
public sealed record FormatReport(RegistryFormat? Stored, string? Problem);
