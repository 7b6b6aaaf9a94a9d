namespace Serverless.Registry.Copying;

/// <summary>Files in a folder.</summary>
internal sealed class FolderFiles(string folder) : ImageFiles
{
    public override string Place => folder;

    public override long? FindSize(string path) => Guard<long?>(path, () => new FileInfo(Path.Combine(folder, path)) is { Exists: true } file ? file.Length : null);

    protected override Stream? OpenNow(string path, long offset)
    {
        try
        {
            return OpenFile(Path.Combine(folder, path), offset);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }
}
