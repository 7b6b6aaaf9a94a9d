using Serverless.Registry.Oci;
using Serverless.Registry.Storage;

namespace Serverless.Registry.Core;

/// <summary>What a registry refuses for the time being.</summary>
/// <param name="ReadOnly">Whether nothing may be written, for instance while storage is being moved.</param>
/// <param name="DeleteEnabled">Whether manifests, tags and blobs may be deleted.</param>
public sealed record SwitchState(bool ReadOnly = false, bool DeleteEnabled = true);

/// <summary>
/// The switches of a registry: configured, and overridden at run time by a row in the system table, which every instance looks at before it writes, at most
/// once in five seconds.
/// </summary>
public sealed class RegistrySwitches
{
    private const string ReadOnlyProperty = "readOnly";
    private const string DeleteEnabledProperty = "deleteEnabled";

    private readonly ITableStore _tables;
    private readonly SharedRows _shared;
    private readonly SwitchState _configured;

    internal RegistrySwitches(ITableStore tables, SharedRows shared, SwitchState configured) => (_tables, _shared, _configured) = (tables, shared, configured);

    /// <summary>How the switches stand, or stood five seconds ago.</summary>
    public async ValueTask<SwitchState> GetAsync(CancellationToken cancellationToken)
    {
        var row = (await _shared.GetAsync(cancellationToken)).Find(TableKeys.Switches);
        return new SwitchState(
            row?.Properties.GetValueOrDefault(ReadOnlyProperty) as bool? ?? _configured.ReadOnly,
            row?.Properties.GetValueOrDefault(DeleteEnabledProperty) as bool? ?? _configured.DeleteEnabled);
    }

    /// <summary>Sets the switches for all instances, until they are set again or <see cref="ResetAsync"/>.</summary>
    public async Task SetAsync(SwitchState state, CancellationToken cancellationToken)
    {
        var properties = new Dictionary<string, object> { [ReadOnlyProperty] = state.ReadOnly, [DeleteEnabledProperty] = state.DeleteEnabled };
        await _tables.WriteAsync(TableKeys.SystemTable, new RowWrite.UpsertMerge(TableKeys.Switches, properties), cancellationToken);
        _shared.Forget();
    }

    /// <summary>Goes back to what is configured.</summary>
    public async Task ResetAsync(CancellationToken cancellationToken)
    {
        await _tables.WriteAsync(TableKeys.SystemTable, new RowWrite.Delete(TableKeys.Switches, "*"), cancellationToken);
        _shared.Forget();
    }

    /// <summary>Lets a write through, or a deletion.</summary>
    /// <exception cref="RegistryException">UNSUPPORTED: switched off.</exception>
    public async ValueTask DemandAsync(bool delete, CancellationToken cancellationToken)
    {
        var state = await GetAsync(cancellationToken);
        if (state.ReadOnly) throw new RegistryException(RegistryError.Unsupported, "the registry is read-only for now");
        if (delete && !state.DeleteEnabled) throw new RegistryException(RegistryError.Unsupported, "deleting is switched off");
    }
}
