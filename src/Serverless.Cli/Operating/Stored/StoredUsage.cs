using Serverless.Cli.Output;
using Serverless.Registry;
using Serverless.Registry.Core;

namespace Serverless.Cli.Operating.Stored;

/// <summary>What namespaces hold, as storage has it.</summary>
internal sealed class StoredUsage(ContainerRegistry registry) : IUsage
{
    public async Task<(List<UsageEntry> Namespaces, TotalUsage? Total)> ReadAsync(CancellationToken cancellationToken)
    {
        var namespaces = registry.Usage.ListNamespacesAsync(null, _ => true, cancellationToken).Select(n => new UsageEntry(n.Name, n.Bytes, n.Blobs, n.Repositories, n.Quota?.Soft, n.Quota?.Hard));
        return (await namespaces.ToListAsync(cancellationToken), await registry.Usage.FindTotalAsync(cancellationToken));
    }

    public async Task<IReadOnlyList<QuotaEntry>> ListQuotasAsync(CancellationToken cancellationToken) => [.. (await registry.Quotas.ListAsync(cancellationToken)).Select(q => new QuotaEntry(q.Pattern, q.Soft, q.Hard))];

    public Task SetQuotaAsync(Quota quota, CancellationToken cancellationToken) => registry.Quotas.SetAsync(quota, cancellationToken);

    public Task<bool> RemoveQuotaAsync(string pattern, CancellationToken cancellationToken) => registry.Quotas.RemoveAsync(pattern, cancellationToken);
}
