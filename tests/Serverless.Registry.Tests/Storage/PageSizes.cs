using Serverless.Registry.Storage;

namespace Serverless.Registry.Tests.Storage;

/// <summary>A table store that notes how many bytes the largest page had that was read of it.</summary>
internal sealed class PageSizes(ITableStore inner) : PassingTableStore(inner)
{
    public int Pages { get; private set; }

    public long LargestPage { get; private set; }

    public override async Task<RowPage> QueryAsync(string table, RowQuery query, string? continuation, CancellationToken cancellationToken)
    {
        var page = await Inner.QueryAsync(table, query, continuation, cancellationToken);
        Pages++;
        LargestPage = Math.Max(LargestPage, page.Rows.Sum(r => r.Properties.Values.Sum(v => v is byte[] bytes ? (long)bytes.Length : 0)));
        return page;
    }
}
