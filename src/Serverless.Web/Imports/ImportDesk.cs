using System.Text.Json;
using Serverless.Registry;
using Serverless.Registry.Imports;
using Serverless.Web.Settings;

namespace Serverless.Web.Imports;

/// <summary>Takes requests for imports, and has them begun soon, by this process if it is not busy.</summary>
internal sealed class ImportDesk(ContainerRegistry registry, IImportSources sources, ImportSignals signals, ApiSettings settings, TimeProvider time)
{
    // Between two looks of somebody who waits.
    private static readonly TimeSpan s_between = TimeSpan.FromSeconds(2);

    /// <summary>Asks for an import.</summary>
    /// <exception cref="Registry.Copying.ImageSourceException">The source may not be asked, as far as its address tells.</exception>
    /// <exception cref="Registry.Oci.RegistryException">NAME_UNKNOWN: the target is none of this registry's. DENIED: it is a mirror's. TOOMANYREQUESTS: too many wait.</exception>
    public async Task<ImportAdded> AddAsync(ImportRequest request, ImportCredentials? credentials, string? owner, CancellationToken cancellationToken)
    {
        var bytes = credentials is null ? null : JsonSerializer.SerializeToUtf8Bytes(credentials, ImportJson.Default.ImportCredentials);
        // Whatever is wrong with them is told now, and not by an import that fails.
        sources.Open(request, bytes).Dispose();
        _ = registry.GetRepository(request.Target);
        registry.DemandNoMirror(request.Target);
        var added = await registry.Imports.AddAsync(request, owner, bytes, settings.MaxWaiting, cancellationToken);
        signals.Raise(added.Import.Id);
        return added;
    }

    /// <summary>Looks an import up. One that nobody is at, though it is its time, is begun: its instance has died, and whoever asks is the first to notice.</summary>
    public async Task<Import?> FindAsync(string id, CancellationToken cancellationToken)
    {
        var import = await registry.Imports.FindAsync(id, cancellationToken);
        if (import is { State: ImportState.Waiting } && (import.Next is not { } next || next <= await registry.Imports.NowAsync(cancellationToken))) signals.Raise(id);
        return import;
    }

    /// <summary>Waits for an import to end: a call to storage every two seconds.</summary>
    /// <param name="import">As it was.</param>
    /// <param name="longest">How long to wait.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The import as it is then, ended or not.</returns>
    public async Task<Import> WaitAsync(Import import, TimeSpan longest, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        while (!import.HasEnded && longest - time.GetElapsedTime(began) is var left && left > TimeSpan.Zero)
        {
            await Task.Delay(left < s_between ? left : s_between, time, cancellationToken);
            if (await FindAsync(import.Id, cancellationToken) is not { } now) break;
            import = now;
        }

        return import;
    }

    /// <inheritdoc cref="ImportStore.ListPageAsync"/>
    public Task<ImportPage> ListPageAsync(int count, string? cursor, Func<Import, bool> isShown, CancellationToken cancellationToken) =>
        registry.Imports.ListPageAsync(count, cursor, isShown, cancellationToken);

    /// <inheritdoc cref="ImportStore.CancelAsync"/>
    public Task<Import?> CancelAsync(string id, CancellationToken cancellationToken) => registry.Imports.CancelAsync(id, cancellationToken);
}
