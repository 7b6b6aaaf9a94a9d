using Serverless.Cli.Output;
using Serverless.Registry.Core;

namespace Serverless.Cli.Operating.Api;

/// <summary>What namespaces hold, over the API.</summary>
internal sealed class ApiUsage(ApiClient client) : IUsage
{
    public async Task<(List<UsageEntry> Namespaces, TotalUsage? Total)> ReadAsync(CancellationToken cancellationToken)
    {
        var (namespaces, total) = (new List<UsageEntry>(), default(TotalUsage));
        await foreach (var page in client.ListAsync("usage", ApiRight.Catalog, ApiDocuments.Default.ApiUsagePage, [], cancellationToken))
        {
            // Each page has it.
            total = page.Total;
            namespaces.AddRange(page.Namespaces.Select(n => new UsageEntry(n.Name, n.Bytes, n.Blobs, n.Repositories, n.Quota?.Soft, n.Quota?.Hard)));
        }

        return (namespaces, total);
    }

    public async Task<IReadOnlyList<QuotaEntry>> ListQuotasAsync(CancellationToken cancellationToken) =>
        (await client.FindAsync("quotas", ApiRight.Admin, ApiDocuments.Default.ApiQuotaList, [], cancellationToken))!.Quotas;

    public async Task SetQuotaAsync(Quota quota, CancellationToken cancellationToken)
    {
        var order = ApiOrder.Of(HttpMethod.Put, $"quotas/{quota.Pattern}", new ApiQuotaOrder(quota.Soft, quota.Hard), ApiDocuments.Default.ApiQuotaOrder);
        await client.SendAsync(order, ApiRight.Admin, ApiDocuments.Default.QuotaEntry, [], cancellationToken);
    }

    public Task<bool> RemoveQuotaAsync(string pattern, CancellationToken cancellationToken) => client.SendAsync(HttpMethod.Delete, $"quotas/{pattern}", ApiRight.Admin, ["QUOTA_UNKNOWN"], cancellationToken);
}
