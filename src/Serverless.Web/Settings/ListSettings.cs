namespace Serverless.Web.Settings;

/// <summary>How long the pages of lists may be.</summary>
/// <param name="CatalogPageSize">Names in a page of the catalog, at most and where nothing is asked for.</param>
/// <param name="TagPageSize">Tags in a page, at most and where nothing is asked for.</param>
public sealed record ListSettings(int CatalogPageSize, int TagPageSize);
