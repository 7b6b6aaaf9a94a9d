using System.Threading.Channels;

namespace Serverless.Web.Imports;

/// <summary>Carries the news of imports that wait to whoever runs them in this process. It may lose some: their rows are there.</summary>
public sealed class ImportSignals
{
    private const int Most = 2000;

    private readonly Channel<string> _ids = Channel.CreateBounded<string>(new BoundedChannelOptions(Most) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>Whether somebody in this process runs imports for as long as they take.</summary>
    public bool IsHeard { get; internal set; }

    /// <summary>Tells that an import waits.</summary>
    public void Raise(string id) => _ids.Writer.TryWrite(id);

    /// <summary>The imports that wait, as they come. Each is given to one of those who read.</summary>
    internal IAsyncEnumerable<string> ReadAllAsync(CancellationToken cancellationToken) => _ids.Reader.ReadAllAsync(cancellationToken);
}
