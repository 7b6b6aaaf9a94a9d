using Serverless.Registry.Storage;

namespace Serverless.Registry.Tests.Storage;

/// <summary>A table store that does not say which change of a batch could not be applied.</summary>
internal sealed class VagueTableStore(ITableStore inner) : PassingTableStore(inner)
{
    public override async Task<BatchResult> WriteAsync(string table, IReadOnlyList<RowWrite> batch, CancellationToken cancellationToken) =>
        (await Inner.WriteAsync(table, batch, cancellationToken)) with { Failed = null };
}
