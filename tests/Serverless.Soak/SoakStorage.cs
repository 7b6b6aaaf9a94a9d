using Serverless.LocalStorage;

namespace Serverless.Soak;

/// <summary>The storage that all instances work on.</summary>
internal class SoakStorage(Stores stores)
{
    /// <summary>The stores of an instance that begins.</summary>
    public virtual Stores Open() => stores;

    /// <summary>The instance has died: nothing that it would still do to storage happens.</summary>
    public virtual void Leave(Stores left)
    {
    }
}

/// <summary>A folder. Each instance opens it anew, as a process does, and knows nothing of what others have staged or locked.</summary>
/// <param name="folder">The folder.</param>
internal sealed class LocalSoakStorage(string folder) : SoakStorage(default)
{
    // What was on its way when the instance died has come to its end by then.
    private static readonly TimeSpan s_end = 4 * SoakOptions.Registry.LongestRequest;

    private readonly Dictionary<Stores, LocalStores> _opened = [];

    public override Stores Open()
    {
        var opened = LocalStores.Open(folder, TimeProvider.System);
        Stores stores = new(opened.Tables, opened.Objects);
        lock (_opened) _opened.Add(stores, opened);
        return stores;
    }

    public override void Leave(Stores left) => _ = CloseAsync(left);

    private async Task CloseAsync(Stores left)
    {
        await Task.Delay(s_end);
        LocalStores opened;
        lock (_opened)
        {
            opened = _opened[left];
            _opened.Remove(left);
        }

        opened.Dispose();
    }
}
