using Serverless.Cli.Output;
using Serverless.Registry.Core;

namespace Serverless.Cli.Operating;

/// <summary>What namespaces of a registry hold, and may hold.</summary>
internal interface IUsage
{
    /// <summary>What namespaces hold, by name; over the API of the repositories that the account may see. What all blobs take together is null when it was not counted yet, or the account may not see it.</summary>
    Task<(List<UsageEntry> Namespaces, TotalUsage? Total)> ReadAsync(CancellationToken cancellationToken);

    /// <summary>The quotas, by their patterns.</summary>
    Task<IReadOnlyList<QuotaEntry>> ListQuotasAsync(CancellationToken cancellationToken);

    /// <summary>Sets a quota, which has no problem.</summary>
    Task SetQuotaAsync(Quota quota, CancellationToken cancellationToken);

    /// <summary>Takes a quota away.</summary>
    /// <returns>False when there is none.</returns>
    Task<bool> RemoveQuotaAsync(string pattern, CancellationToken cancellationToken);
}
