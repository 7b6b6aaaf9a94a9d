using System.Globalization;
using Azure;

namespace Serverless.AzureStorage.Tables;

/// <summary>The pages of a query. A page may be short, even empty, and still have a successor.</summary>
internal sealed class TablePages(TableClient table, string? filter, int? maxPerPage, IReadOnlyList<string>? select, CancellationToken cancellationToken)
    : AsyncPageable<TableEntity>(cancellationToken)
{
    // Neither key can hold a line feed.
    private const char Separator = '\n';

    public override async IAsyncEnumerable<Page<TableEntity>> AsPages(string? continuationToken = null, int? pageSizeHint = null)
    {
        do
        {
            var page = await table.GetPageAsync(Query(continuationToken, pageSizeHint ?? maxPerPage), CancellationToken);
            yield return page;
            continuationToken = page.ContinuationToken;
        }
        while (continuationToken is not null);
    }

    public static string? ReadContinuation(Response response)
    {
        if (!response.Headers.TryGetValue("x-ms-continuation-NextPartitionKey", out var partition)) return null;
        response.Headers.TryGetValue("x-ms-continuation-NextRowKey", out var row);
        return partition + Separator + row;
    }

    private string Query(string? continuation, int? count)
    {
        List<string> parts = [];
        if (filter is not null) parts.Add("$filter=" + Uri.EscapeDataString(filter));
        if (count is { } top) parts.Add("$top=" + top.ToString(CultureInfo.InvariantCulture));
        if (select is not null) parts.Add("$select=" + Uri.EscapeDataString(string.Join(',', ["PartitionKey", "RowKey", "Timestamp", .. select])));
        if (continuation?.Split(Separator) is [var partition, var row])
        {
            parts.Add("NextPartitionKey=" + Uri.EscapeDataString(partition));
            if (row.Length > 0) parts.Add("NextRowKey=" + Uri.EscapeDataString(row));
        }

        return string.Join('&', parts);
    }
}
