"""No pages: only the models matter."""

urlpatterns = []
