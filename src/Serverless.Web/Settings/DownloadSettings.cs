namespace Serverless.Web.Settings;

/// <summary>How blobs are downloaded.</summary>
/// <param name="Redirect">Whether downloads are sent to storage; otherwise the bytes go through this process.</param>
/// <param name="Lifetime">How long a signed download URL lives.</param>
public sealed record DownloadSettings(bool Redirect, TimeSpan Lifetime);
