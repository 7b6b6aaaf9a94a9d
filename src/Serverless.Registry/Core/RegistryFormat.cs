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

    internal Dictionary<string, object> ToProperties() => new() { [ReaderProperty] = Reader, [CollectorProperty] = Collector };

    /// <exception cref="InvalidDataException">The row makes no sense.</exception>
    internal static RegistryFormat Read(TableRow row) => new(checked((int)row.GetInt64(ReaderProperty)), checked((int)row.GetInt64(CollectorProperty)));

    /// <summary>Lets a release of this number write to a registry, or collect from it. What it cannot judge it leaves alone.</summary>
    /// <exception cref="RegistryException">UNSUPPORTED: what is stored is for newer releases, or nobody can tell.</exception>
    internal void Demand(TableRow? stored, bool collects)
    {
        var format = stored is null ? throw Refuse("The row 'format' is missing") : TryRead(stored);
        var (needed, own) = collects ? (format.Collector, Collector) : (format.Reader, Reader);
        if (own < needed) throw Refuse($"What is stored is for releases of format {needed} and later, and this one is of {own}");
    }

    private static RegistryFormat TryRead(TableRow row)
    {
        try
        {
            return Read(row);
        }
        catch (Exception e) when (e is InvalidDataException or OverflowException)
        {
            throw Refuse($"The row 'format' cannot be read ({e.Message})", e);
        }
    }

    private static RegistryException Refuse(string reason, Exception? cause = null) =>
        new(RegistryError.Unsupported, reason + ": nothing is written or deleted", innerException: cause);
}
