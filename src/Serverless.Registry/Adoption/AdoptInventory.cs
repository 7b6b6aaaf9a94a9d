using Serverless.Registry.Storage;

namespace Serverless.Registry.Adoption;

/// <summary>What lies there, all of it listed once before anything is written.</summary>
/// <param name="Repositories">The names of repositories as they are stored, in order.</param>
/// <param name="Newest">What was written last; null when there is nothing.</param>
internal sealed record AdoptInventory(IReadOnlyCollection<string> Repositories, StoredObject? Newest)
{
    public static async Task<AdoptInventory> ReadAsync(IObjectStore objects, DistributionLayout layout, CancellationToken cancellationToken)
    {
        SortedSet<string> repositories = new(StringComparer.Ordinal);
        StoredObject? newest = null;
        await foreach (var each in objects.ListAsync(layout.Prefix, cancellationToken))
        {
            // Ours.
            if (each.Name == layout.Marker) continue;
            if (newest is null || each.LastModified > newest.LastModified) newest = each;
            if (layout.RepositoryOf(each.Name) is { } name) repositories.Add(name);
        }

        return new AdoptInventory(repositories, newest);
    }
}
