using System.Globalization;
using Serverless.Registry.Storage;

namespace Serverless.Web.Auth.Basic;

/// <summary>Where an htpasswd file is.</summary>
/// <param name="FindVersionAsync">Tells one version from another without reading it; null when there is no file.</param>
/// <param name="ReadAsync">Reads it; null when there is no file.</param>
internal sealed record HtpasswdSource(Func<CancellationToken, Task<string?>> FindVersionAsync, Func<CancellationToken, Task<string?>> ReadAsync)
{
    /// <summary>A file of this machine.</summary>
    public static HtpasswdSource File(string path) => new(
        _ => Task.FromResult(System.IO.File.Exists(path) ? Version(new FileInfo(path)) : null),
        async cancellationToken => System.IO.File.Exists(path) ? await System.IO.File.ReadAllTextAsync(path, cancellationToken) : null);

    /// <summary>An object beside the blobs, for instance <c>config/htpasswd</c>.</summary>
    public static HtpasswdSource Object(IObjectStore objects, string name) => new(
        async cancellationToken => (await objects.FindAsync(name, cancellationToken))?.ETag,
        async cancellationToken =>
        {
            if (await objects.OpenAsync(name, 0, null, cancellationToken) is not { } stream) return null;
            using var reader = new StreamReader(stream);
            return await reader.ReadToEndAsync(cancellationToken);
        });

    private static string Version(FileInfo file) => string.Create(CultureInfo.InvariantCulture, $"{file.LastWriteTimeUtc.Ticks}-{file.Length}");
}
