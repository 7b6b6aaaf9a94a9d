using Serverless.Registry.Oci;
using Serverless.Registry.Storage;

namespace Serverless.Registry.Core;

/// <summary>The row that says which releases may work on what is stored. Its numbers only ever go up.</summary>
internal sealed class FormatRow(RegistryContext context)
{
    public async Task<FormatReport> ReadAsync(CancellationToken cancellationToken)
    {
        var seen = await context.Shared.ReadAsync(cancellationToken);
        // The first write makes both rows in one batch.
        var isNew = seen.Find(TableKeys.Format) is null && seen.Find(TableKeys.Identity) is null;
        return isNew ? new FormatReport(null, null) : RegistryFormat.Report(seen.Find(TableKeys.Format));
    }

    /// <summary>Looks whether the numbers have to be raised, and whether this release may do so; a registry that is new is made first.</summary>
    /// <param name="wanted">The numbers, each at least 1.</param>
    /// <param name="force">Whether a row that nobody can read may be written anew, or one that is missing.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The row, and what is known of its numbers: of those that cannot be read that they are 0 or more.</returns>
    /// <exception cref="RegistryException">UNSUPPORTED: tables and bytes are not of one registry, or what is stored is a newer release's, or nobody can tell.</exception>
    public async Task<(TableRow? Row, RegistryFormat Known)> OpenAsync(RegistryFormat wanted, bool force, CancellationToken cancellationToken)
    {
        await context.Identity.ProveAsync(await context.Shared.ReadAsync(cancellationToken), cancellationToken);
        var row = (await context.Shared.GetAsync(cancellationToken)).Find(TableKeys.Format);
        // A newer release may have written what cannot be read here. Only a person can know that none has.
        if (!force && RegistryFormat.Report(row).Problem is { } problem)
        {
            throw new RegistryException(RegistryError.Unsupported, problem + ". Only if no newer release has ever worked on this registry may it be written anew, by force");
        }

        var known = RegistryFormat.Known(row);
        if (!known.IsAsHighAs(wanted)) context.Options.Format.Demand(known, collects: false);
        return (row, known);
    }

    /// <summary>Raises the numbers, by the version of the row that was read: of two who raise them at once neither undoes what the other has done.</summary>
    /// <returns>What is stored now.</returns>
    /// <exception cref="RegistryException">UNSUPPORTED: as for <see cref="OpenAsync"/>.</exception>
    public Task<RegistryFormat> RaiseAsync(RegistryFormat wanted, bool force, CancellationToken cancellationToken) => StorageRetry.RunAsync(async () =>
    {
        var (row, known) = await OpenAsync(wanted, force, cancellationToken);
        if (known.IsAsHighAs(wanted)) return (true, known);
        var raised = known.Highest(wanted);
        // A merge, so that what only a newer release knows of the row stays.
        RowWrite write = row is null ? new RowWrite.Insert(TableKeys.Format, raised.ToProperties()) : new RowWrite.Merge(TableKeys.Format, raised.ToProperties(), row.ETag);
        var result = await context.Tables.WriteAsync(TableKeys.SystemTable, write, cancellationToken);
        context.Shared.Forget();
        return result.Done ? (true, raised) : default;
    }, cancellationToken);
}
