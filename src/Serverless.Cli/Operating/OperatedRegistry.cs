namespace Serverless.Cli.Operating;

/// <summary>
/// A registry as those commands see it that work on its storage as well as over its API:
/// <code>
///   command -> OperatedRegistry -> Stored...  -> storage
///                               -> Api...     -> HTTP -> a running registry
/// </code>
/// </summary>
/// <param name="Console">Where commands read and write.</param>
/// <param name="Time">The clock.</param>
/// <param name="Accounts">Its accounts.</param>
/// <param name="ScopeMaps">Its scope maps.</param>
/// <param name="Repositories">Its repositories.</param>
internal sealed record OperatedRegistry(CliConsole Console, TimeProvider Time, IAccounts Accounts, IScopeMaps ScopeMaps, IRepositories Repositories)
{
    /// <summary>What its namespaces hold, and may hold.</summary>
    public required IUsage Usage { get; init; }

    /// <summary>Warns of scope maps that are not there. They may come later, so it is no mistake to name them.</summary>
    public async Task WarnOfMissingScopesAsync(IReadOnlyCollection<string> names, CancellationToken cancellationToken)
    {
        if (names.Count == 0) return;
        var maps = (await ScopeMaps.ListAsync(cancellationToken)).Select(m => m.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var name in names.Where(n => !maps.Contains(n))) await Console.WarnAsync($"There is no scope map '{name}'. It gives nothing until it is set.");
    }
}
